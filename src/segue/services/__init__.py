"""Other people's web services: what they say and take; the only room that asks the network."""
