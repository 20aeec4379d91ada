"""How parcels are given to couriers."""
