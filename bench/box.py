"""A page of one text box: the least that a page of Streamlit can be (served by `bench.text_box`)."""

import streamlit as st

st.text_input("name")
