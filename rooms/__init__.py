"""The live meeting as a pure state machine. Standard library only: no asyncio, no clock, no randomness, no environment."""
