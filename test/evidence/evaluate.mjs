// Evaluates requests against policies as IAM does, with iam-simulate.
//
// Reads {account, statements: {role: [statement]}, roles: {role: ARN},
// resourcePolicies: {ARN: policy}, requests: [{role, action, resource,
// context}]} and writes, for each request, {result, statements} or {error}.
// Each statement has one action, one resource and a Sid.
import { runSimulation, runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

// The service checks these on a state machine, though the Service
// Authorization Reference has no resource for them, which the validation of
// iam-simulate goes by. actions.py has the sources.
const ofAToken = new Set(['states:SendTaskFailure', 'states:SendTaskHeartbeat', 'states:SendTaskSuccess'])

const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)
const input = JSON.parse(Buffer.concat(chunks))

const policy = (statements) => ({ Version: '2012-10-17', Statement: statements })

function simulation(request, statements) {
  const bucket = request.resource.startsWith('arn:aws:s3:::') ? request.resource.split('/')[0] : request.resource
  return {
    request: {
      principal: input.roles[request.role],
      action: request.action,
      // A key may hold what is a wildcard in a policy.
      resource: { resource: request.resource === '*' ? '*' : request.resource.replace(/[*?]/g, '_'), accountId: input.account },
      contextVariables: { 'aws:SecureTransport': 'true', ...request.context }
    },
    identityPolicies: [{ name: request.role, policy: policy(statements) }],
    resourcePolicy: input.resourcePolicies[bucket],
    serviceControlPolicies: [],
    resourceControlPolicies: []
  }
}

async function evaluate(request) {
  const statements = input.statements[request.role] ?? []
  if (ofAToken.has(request.action)) {
    const allow = statements.filter((s) => runUnsafeSimulation(simulation(request, [s]), {}) === 'Allowed')
    return { result: runUnsafeSimulation(simulation(request, statements), {}), statements: allow.map((s) => s.Sid) }
  }
  const answer = await runSimulation(simulation(request, statements), {})
  if (answer.resultType === 'error') return { error: JSON.stringify(answer.errors) }
  const results = answer.resultType === 'single' ? [answer.result] : answer.results
  const used = results.flatMap((r) => (r.analysis.identityAnalysis?.allowStatements ?? []).map((s) => s.statement.sid()))
  return { result: answer.overallResult, statements: [...new Set(used)] }
}

const answers = []
for (const request of input.requests) answers.push(await evaluate(request))
process.stdout.write(JSON.stringify(answers))
