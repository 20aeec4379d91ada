"""Price monitoring: today's prices against their own past and against their peers."""
