"""How the platform fills the slates of the consumers who come."""
