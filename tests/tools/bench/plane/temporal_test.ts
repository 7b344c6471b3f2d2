import assert from "node:assert/strict";
import { requestsIn } from "../../../../tools/bench/plane/temporal.ts";

const METRICS = `# HELP service_requests service_requests counter
# TYPE service_requests counter
service_requests{namespace="default",operation="StartWorkflowExecution",service_name="frontend"} 1000
service_requests{namespace="default",operation="RespondWorkflowTaskCompleted",service_name="frontend"} 1001
service_requests{namespace="default",operation="StartWorkflowExecution",service_name="history"} 1000
service_requests{namespace="default",operation="PollWorkflowTaskQueue",service_name="frontend"} 816
service_requests{namespace="default",operation="DescribeSchedule",service_name="frontend"} 100
service_requests{namespace="default",operation="RespondQueryTaskCompleted",service_name="frontend"} 100
service_requests_total{operation="StartWorkflowExecution",service_name="frontend"} 7
`;

Deno.test("requests for runs are counted at the frontend, without polls and checks of schedules", () => {
  assert.equal(requestsIn(METRICS), 2001);
  assert.equal(requestsIn(""), 0);
});
