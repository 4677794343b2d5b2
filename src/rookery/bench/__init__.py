"""`rookery bench`: what the service costs, measured by itself, as ratios within one run."""
