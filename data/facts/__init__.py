"""The nouns kept in the lake, a row for each message: recipients, submissions, receipts, and their folded
view.
"""
