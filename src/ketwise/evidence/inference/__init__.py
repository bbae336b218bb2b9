"""What the measured differences say: statistics only, no wording."""
