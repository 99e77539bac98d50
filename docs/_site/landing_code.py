import sgdtheory as st

H, C = [[0.7, 0.4], [0.4, 2.0]], [[2.0, -0.7], [-0.7, 1.0]]
problem = st.Quadratic(hessian=H, noise=C)
optimizer = st.SGD(learning_rate=0.6, batch_size=8)

law = st.stationary_law(problem, optimizer)
run = st.simulate(problem, optimizer, steps=200, replicas=100_000)
print(f"theory:     excess loss {law.excess_loss:.5f}")
print(f"simulation: {run}")
