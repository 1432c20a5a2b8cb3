import FreshetCore
package import FreshetKit

/// A dbt project of this machine, and the program that runs it.
///
/// The program sees only the environment that is stated here, besides `PATH`, `HOME` and `LANG`; a password that stands
/// in `profiles.yml` as `env_var(...)` has to be named.
package struct DBTInstallation: Connection {
    package static let name = "dbt"
    package static let summary = "A dbt project of this machine, and the program that runs it."
    package static let fields = [
        Field(
            "project_dir",
            .text,
            required: true,
            "The folder of dbt_project.yml; a relative path starts at the project's."
        ),
        Field("program", .text, default: "dbt", "The program; one without '/' is looked for in PATH."),
        Field("profiles_dir", .text, "The folder of profiles.yml, where it is not the project's."),
        Field("target", .text, "The target of the profile, where it is not the profile's own default."),
        Field("target_path", .text, default: "target", "Where dbt writes its artifacts, below project_dir."),
        Field("environment", .map(.text), "Variables that dbt sees; a password as ${secret:...}."),
    ]
    package static let examples = [
        """
        kind: dbt
        project_dir: dbt
        program: .venv/bin/dbt
        target: prod
        environment: {DBT_PASSWORD: "${secret:file/warehouse_password}"}
        """
    ]

    private static let targetVariable = "DBT_TARGET_PATH"

    private let projectDir: String
    private let program: String
    private let profilesDir: String?
    private let target: String?
    private let targetPath: String
    private let isTargetPathStated: Bool
    private let stated: [(name: String, value: String)]
    private let surroundings: Surroundings

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        projectDir = try settings.requiredText("project_dir")
        program = try settings.text("program") ?? "dbt"
        profilesDir = try settings.text("profiles_dir")
        target = try settings.text("target")
        targetPath = try settings.text("target_path") ?? "target"
        let environment = settings.object("environment")
        var stated: [(String, String)] = []
        for entry in environment.value.entries { stated.append((entry.key, try environment.text(entry.key) ?? "")) }
        if let variable = stated.first(where: { $0.0 == Self.targetVariable }), variable.1 != targetPath {
            throw Diagnostic(
                "\(Self.targetVariable) would send dbt's artifacts to '\(variable.1)', and Freshet looks in '\(targetPath)'",
                at: environment.origin(of: Self.targetVariable),
                hint: "state 'target_path' of the connection in its place"
            )
        }
        isTargetPathStated = settings.has("target_path")
        self.stated = stated
        self.surroundings = surroundings
    }

    /// The same with everything that it refers to in place; paths are absolute.
    struct Resolved: Sendable {
        var projectDir: String
        var program: String
        var profilesDir: String?
        var target: String?
        /// Everything that dbt sees of an environment.
        var environment: [String: String]
        var resultsFile: String
    }

    func resolved() async throws(SecretError) -> Resolved {
        let secrets = surroundings.secrets
        let folder = absolute(try await secrets.resolve(projectDir))
        var program = try await secrets.resolve(program)
        if program.contains("/") { program = absolute(program) }
        var profiles: String?
        if let profilesDir { profiles = absolute(try await secrets.resolve(profilesDir)) }
        var chosen: String?
        if let target { chosen = try await secrets.resolve(target) }
        let artifacts = try await secrets.resolve(targetPath)
        var variables = [
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "HOME": folder, "LANG": "C.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED": "1",
        ]
        // Where it is not stated, dbt_project.yml may say another; whoever finds no results there tells so.
        if isTargetPathStated { variables[Self.targetVariable] = artifacts }
        for (name, value) in stated { variables[name] = try await secrets.resolve(value) }
        return Resolved(
            projectDir: folder,
            program: program,
            profilesDir: profiles,
            target: chosen,
            environment: variables,
            resultsFile: (artifacts.hasPrefix("/") ? artifacts : "\(folder)/\(artifacts)") + "/run_results.json"
        )
    }

    private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(surroundings.root)/\(path)" }
}
