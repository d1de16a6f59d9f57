"""The API of the workspace: put together from what each app offers, guarded by tokens."""
