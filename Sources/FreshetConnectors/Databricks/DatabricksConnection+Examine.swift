import FreshetCore
import FreshetEntra
package import FreshetKit

extension DatabricksConnection: Examinable {
    /// From the outside in, without any statement: it would wake the warehouse.
    package func examine(_ examination: Examination) async -> [Finding] {
        let jobs = examination.kinds.compactMap { asset, kind in (kind as? DatabricksJob).map { (asset, $0) } }
        let redactor = client.surroundings.redactor
        do {
            _ = try await client.signIn.token()
        } catch {
            let mend = "check host, and the token or the client's id and secret"
            return [Finding("token", .fail, redactor.redact(error.description), mend: error.isTransient ? nil : mend)]
                + jobs.map { Finding("job", .skipped, of: $0.0.path, "not checked: the workspace does not let us in") }
        }
        var findings = [Finding("token", .ok, "signed in")]
        if let warehouse { findings.append(await examine(warehouse)) }
        for (asset, job) in jobs { findings.append(await examine(job, asset)) }
        return findings
    }

    private func examine(_ warehouse: DatabricksWarehouse) async -> Finding {
        let id: String
        do {
            id = try await client.surroundings.secrets.resolve(warehouse.id)
        } catch {
            return Finding("warehouse", .fail, error.description, mend: "check warehouse_id")
        }
        let reply = await client.call("GET", "/api/2.0/sql/warehouses/\(DatabricksJob.encode(id))")
        switch reply.result {
        case .answer(let value):
            let name = value["name"]?.text ?? id
            let state = value["state"]?.text?.lowercased() ?? "in a state that it does not tell"
            return Finding("warehouse", .ok, of: name, "it is there, \(state)")
        case .refusal(let refusal):
            let mend = "check warehouse_id, and give the principal 'Can use' on the warehouse"
            return Finding("warehouse", .fail, of: id, refusal.message, mend: mend)
        case .silence(let silence):
            return Finding("warehouse", .fail, of: id, silence.message, mend: "check host, and the way there")
        }
    }

    private func examine(_ job: DatabricksJob, _ asset: AssetKey) async -> Finding {
        let found = await JobDirectory(client: client).find(job.job)
        switch found {
        case .success(let id): return Finding("job", .ok, of: asset.path, "the job \(id) is there")
        case .failure(let failure):
            let mend = "check 'job', and give the principal 'Can manage run' on it"
            return Finding("job", .fail, of: asset.path, failure.message, mend: mend)
        }
    }
}
