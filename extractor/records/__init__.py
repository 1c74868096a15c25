"""The record: its models, and how the rules' findings become one."""
