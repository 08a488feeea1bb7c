"""The exchange itself: people, agencies, rules, time, HTTP and pages over the three lower rooms."""
