/** Every path that the product promises: those whose actor exists are served, the others wait for the actor named. */

/** `METHOD path` below `/api/v1`, as the list of endpoints has it. */
export const served: ReadonlyArray<string> = [
  ...["signup", "login", "refresh", "logout", "change-password", "first-admin"].map((name) => `POST /auth/${name}`),
  "GET /auth/me",
  "GET /accounts",
  "POST /accounts",
  "GET /accounts/{account}",
  "DELETE /accounts/{account}",
  "POST /accounts/{account}/verify",
  "PUT /accounts/{account}/mode",
  "POST /customer/onboard",
  "GET /instances",
  "GET /instances/{id}",
  "PATCH /instances/{id}",
  "POST /instances/{id}/evaluate",
  "GET /approvals",
  "POST /approve/{id}",
  "POST /reject/{id}",
  "GET /audit",
  "GET /audit/{id}",
  "GET /policies",
  "GET /policies/{account}",
  "PUT /policies/{account}",
  "DELETE /policies/{account}",
  "GET /admin/savings",
  "POST /optimization/trigger",
  "GET /optimization/history",
  "GET /optimization/status/{id}",
  "GET /safety/status",
  "GET /safety/violations",
  "GET /stream",
  "GET /pools",
  "GET /pools/{key}",
  "GET /pools/{key}/history",
  "POST /pools/{key}/quarantine",
  "POST /pools/{key}/clear",
  "GET /tenants",
  "POST /tenants",
  "GET /users",
  "PATCH /users/{id}",
  "GET /invitations",
  "POST /invitations",
  "GET /keys",
  "POST /keys",
  "DELETE /keys/{id}",
  "GET /sagas",
  "GET /sagas/{id}",
  "GET /traces/{id}",
  "GET /commands/{id}",
  "POST /stop",
  "GET /config"
]
export const unprefixed = ["/health", "/health/detailed", "/healthz", "/readyz", "/metrics", "/version", "/docs"]

/** By the actor that they wait for. */
export const awaited: Readonly<Record<string, ReadonlyArray<string>>> = {
  "a swap of single instances": [
    "GET /lab/instances",
    "POST /lab/evaluate",
    "POST /lab/instances/i-0123456789abcdef0/evaluate",
    "POST /lab/instances/i-0123456789abcdef0/execute",
    "GET /experiments"
  ],
  waste: ["GET /waste", "POST /scanner/scan", "GET /scanner/ghosts", "POST /scanner/terminate/i-0123456789abcdef0"],
  governance: ["POST /governance/authorise", "POST /governance/extend", "POST /governance/terminate"],
  "node templates": ["GET /templates", "POST /templates", "POST /templates/t1/set-default"],
  hibernation: ["GET /schedules", "POST /schedules", "POST /schedules/s1/wake"],
  clusters: [
    "GET /admin/clusters",
    "POST /admin/clusters",
    "GET /k8s/c1/nodes",
    "GET /k8s/c1/pods",
    "GET /k8s/c1/metrics",
    "POST /k8s/c1/nodes/drain",
    "POST /k8s/c1/nodes/cordon",
    "POST /k8s/c1/nodes/uncordon",
    "POST /k8s/c1/scale"
  ],
  "the ingester of Spot warnings": [
    "GET /events/spot-warnings",
    "POST /events/process",
    "GET /events/history",
    "GET /incidents"
  ],
  models: [
    "GET /ml/models",
    "POST /ml/models/upload",
    "POST /ml/decision/spot-optimize",
    "POST /ml/predict/spot-interruption",
    "POST /ml/gap-filler/fill",
    "POST /ml/feedback/interruption",
    "GET /ml/feedback/stats",
    "GET /ml/health"
  ],
  subscribers: ["GET /subscribers", "POST /subscribers"]
}
