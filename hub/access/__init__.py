"""The catalog seen through grants: every read passes one decision and leaves evidence first."""
