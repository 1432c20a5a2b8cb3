import FreshetCore
import FreshetEntra
import FreshetKit

/// The runs of a workspace's jobs.
///
/// - SeeAlso: Databricks REST API, *Jobs* 2.2.
struct JobRuns: Sendable {
    static let path = "/api/2.2/jobs"
    /// A run tells a hundred tasks at a time.
    private static let mostPages = 20

    let client: DatabricksClient

    /// One run with all of its tasks.
    func run(_ id: String) async -> RemoteReply<JobRun> {
        let path = "\(Self.path)/runs/get?run_id=\(FormEncoding.encode(id))"
        let first = await client.call("GET", path)
        guard case .answer(let body) = first.result, var run = JobRun(body) else { return first.map { JobRun($0) } }
        var next = body["next_page_token"]?.text
        var pages = 1
        while let token = next, !token.isEmpty, pages < Self.mostPages {
            let reply = await client.call("GET", "\(path)&page_token=\(FormEncoding.encode(token))")
            // What is missing of the tasks is told at the next look.
            guard case .answer(let page) = reply.result, let part = JobRun(page) else { break }
            run.tasks += part.tasks
            next = page["next_page_token"]?.text
            pages += 1
        }
        let whole = run
        return first.map { _ in whole }
    }

    /// Runs that have ended, those that began last first.
    func ended(of job: String, page: String?) async -> RemoteReply<Page> {
        var path = "\(Self.path)/runs/list?job_id=\(FormEncoding.encode(job))&completed_only=true&limit=25"
        if let page { path += "&page_token=\(FormEncoding.encode(page))" }
        return await client.call("GET", path).map { body in
            let next = body["next_page_token"]?.text.flatMap { $0.isEmpty ? nil : $0 }
            return Page(runs: (body["runs"]?.list ?? []).compactMap { JobRun($0) }, next: next)
        }
    }

    struct Page: Hashable, Sendable {
        var runs: [JobRun]
        var next: String?
    }

    /// The error that a task's own output tells, which says more than the task's state; `nil` when there is none.
    func error(ofTask run: String) async -> String? {
        let reply = await client.call("GET", "\(Self.path)/runs/get-output?run_id=\(FormEncoding.encode(run))")
        guard case .answer(let body) = reply.result else { return nil }
        return body["error"]?.text
    }
}

/// Finds jobs by what people call them.
struct JobDirectory: Sendable {
    let client: DatabricksClient

    /// - Parameter job: an id, or a name that only one job has; it may hold references.
    /// - Returns: the id of a job that we may see.
    func find(_ job: String) async -> Result<String, StepFailure> {
        let text: String
        do {
            text = try await client.surroundings.secrets.resolve(job)
        } catch {
            return .failure(StepFailure(.configuration, .never, message: error.description))
        }
        if Int64(text) != nil { return await get(text) }
        let reply = await client.call("GET", "\(JobRuns.path)/list?name=\(FormEncoding.encode(text))")
        guard case .answer(let body) = reply.result else { return .failure(Self.failure(reply)) }
        let ids = (body["jobs"]?.list ?? []).compactMap { $0["job_id"]?.integer.map(String.init) }
        if ids.count == 1 { return .success(ids[0]) }
        let message =
            ids.isEmpty
            ? "there is no job '\(text)' that we may see; write its id, or check its name letter by letter"
            : "\(ids.count) jobs have the name '\(text)': write one of the ids \(ids.joined(separator: ", "))"
        return .failure(StepFailure(.configuration, .never, message: message))
    }

    private func get(_ id: String) async -> Result<String, StepFailure> {
        let reply = await client.call("GET", "\(JobRuns.path)/get?job_id=\(id)")
        if case .answer = reply.result { return .success(id) }
        return .failure(Self.failure(reply))
    }

    private static func failure(_ reply: RemoteReply<JSONValue>) -> StepFailure {
        switch reply.result {
        case .answer: StepFailure(.internalError, .never, message: "an answer is no failure")
        case .refusal(let refusal):
            switch refusal.reason {
            case .denied, .notSignedIn, .tokenExpired: StepFailure(.credentials, .never, message: refusal.message)
            default: StepFailure(.configuration, .never, message: refusal.message)
            }
        case .silence(let silence):
            StepFailure(silence.isThrottled ? .throttled : .unreachable, .later, message: silence.message)
        }
    }
}
