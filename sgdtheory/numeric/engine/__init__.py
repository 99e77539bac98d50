"""The engine of ``simulate``: models of one step, blocks of replicas that advance together, what is seen of them.

``model`` says what a mini-batch gradient is, about the minimum; a ``Block`` of a backend advances replicas of it;
``statistics`` merges what blocks have seen.
"""
