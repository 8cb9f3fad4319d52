"""What ``hub doctor`` looks at: one module a subject, one record a check.

``doctor`` runs them all. A check changes nothing, and turns whatever is broken into its result.
"""
