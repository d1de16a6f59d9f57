"""Assignment: rules decide who gets which lead, and first-response limits see to it that somebody answers.

`occasions` is asked by whatever happens to leads; `deciding` finds the rule, `choosing` the person, `people` what is
known of them; `writing` does it. `waiting`, `leaving` and `responses` are swept by tasks, `runs` ask again on demand.
"""
