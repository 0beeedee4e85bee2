"""Tests of the placement of importers: tariff numbers, mix, policy, daily cuts, headquarters' word."""
