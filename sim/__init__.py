"""The world: agents, road network, the phases of a day, money and health."""
