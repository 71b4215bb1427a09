"""What is not as it should be in the cluster: rules, what they found, and who hears of it."""
