extension WorkspaceRun {
    /// As *Get a single job run* tells it.
    func json(in origin: String, jobName: String, at now: Instant) -> JSON {
        let state = state(at: now)
        var body = WorkspaceRun.words(of: state, failure: state.result == "CANCELED" ? nil : failure)
        body["run_id"] = .int(id)
        body["job_id"] = .int(job)
        body["number_in_job"] = .int(number)
        body["run_name"] = .string(jobName)
        body["run_page_url"] = .string("\(origin)/#job/\(job)/run/\(id)")
        body["start_time"] = .int(WorkspaceRun.milliseconds(start))
        body["end_time"] = .int(state.ended.map(WorkspaceRun.milliseconds) ?? 0)
        body["job_parameters"] = parameters
        body["tasks"] = .array(taskStates(at: now))
        return .object(body)
    }

    /// The id of a task's own run.
    func taskID(_ index: Int) -> Int { id * 100 + index }

    private func taskStates(at now: Instant) -> [JSON] {
        let whole = state(at: now)
        return tasks.enumerated().map { index, key in
            let length = duration / Double(max(tasks.count, 1))
            let begin = start + startDelay + length * Double(index)
            let end = begin + length
            var state = State(life: "BLOCKED")
            if whole.ended != nil {
                state = State(
                    life: "TERMINATED",
                    result: taskResult(index, of: whole),
                    ended: min(end, whole.ended ?? end)
                )
            } else if now >= end {
                state = State(life: "TERMINATED", result: "SUCCESS", ended: end)
            } else if now >= begin {
                state.life = "RUNNING"
            }
            let hasBegun = state.life != "BLOCKED"
            let isFailed = state.result == "FAILED"
            var body = WorkspaceRun.words(of: state, failure: isFailed ? failure : nil)
            body["task_key"] = .string(key)
            body["run_id"] = .int(taskID(index))
            body["attempt_number"] = 0
            body["start_time"] = .int(hasBegun ? WorkspaceRun.milliseconds(begin) : 0)
            body["end_time"] = .int(state.ended.map(WorkspaceRun.milliseconds) ?? 0)
            return .object(body)
        }
    }

    /// The first task fails where a run that succeeded has failures, else the last.
    private func taskResult(_ index: Int, of whole: State) -> String {
        let isLast = index == tasks.count - 1
        switch whole.result {
        case "SUCCESS": return "SUCCESS"
        case "SUCCESS_WITH_FAILURES": return index == 0 ? "FAILED" : "SUCCESS"
        case "CANCELED", "TIMEDOUT": return isLast ? whole.result ?? "" : "SUCCESS"
        case "FAILED": return isLast ? "FAILED" : "SUCCESS"
        default: return "EXCLUDED"
        }
    }

    /// `state`, and beside it `status`, its newer form.
    private static func words(of state: State, failure: RefreshFailure?) -> [String: JSON] {
        var old: [String: JSON] = ["life_cycle_state": .string(state.life), "user_cancelled_or_timedout": false]
        old["result_state"] = state.result.map { .string($0) }
        old["state_message"] = .string(failure?.message ?? "")
        guard state.ended != nil else {
            return ["state": .object(old), "status": ["state": .string(state.life == "QUEUED" ? "QUEUED" : "RUNNING")]]
        }
        let code: String =
            switch state.result ?? state.life {
            case "SUCCESS": "SUCCESS"
            case "SUCCESS_WITH_FAILURES": "SUCCESS_WITH_FAILURES"
            case "CANCELED": "USER_CANCELED"
            case "MAXIMUM_CONCURRENT_RUNS_REACHED": "MAX_CONCURRENT_RUNS_EXCEEDED"
            case "SKIPPED": "SKIPPED"
            case "FAILED" where state.life == "INTERNAL_ERROR": "INTERNAL_ERROR"
            default: "RUN_EXECUTION_ERROR"
            }
        let given = failure.flatMap { $0.code == RefreshFailure.processing.code ? nil : $0.code }
        let details: JSON = [
            "code": .string(given ?? code), "message": .string(failure?.message ?? ""),
            "type": .string(
                code == "SUCCESS" ? "SUCCESS" : code == "INTERNAL_ERROR" ? "INTERNAL_ERROR" : "CLIENT_ERROR"
            ),
        ]
        return ["state": .object(old), "status": ["state": "TERMINATED", "termination_details": details]]
    }

    static func milliseconds(_ instant: Instant) -> Int { Int(instant.microseconds / 1_000) }
}
