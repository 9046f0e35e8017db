"""Leaves the page: loads another address of ours in the same tab, by GET or by POST."""

from __future__ import annotations

import streamlit as st

_JS = """
export default function ({ data }) {
  if (data.method !== "post") { window.location.assign(data.to); return; }
  const form = document.createElement("form");
  form.method = "post";
  form.action = data.to;
  document.body.append(form);
  form.submit();
}
"""
_component = st.components.v2.component("chapar_go", js=_JS)


def go(to: str, *, key: str, method: str = "get") -> None:
    """Send the browser to a path of this site."""
    _component(data={"to": to, "method": method}, key=key, height=1)
