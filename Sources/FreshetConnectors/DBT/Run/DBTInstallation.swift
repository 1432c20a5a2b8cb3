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
        Field("environment", .map(.secret), "Variables that dbt sees."),
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

    let projectDir: String
    let program: String
    let profilesDir: String?
    let target: String?
    private let targetPath: String
    private let stated: [(name: String, value: String)]
    private let surroundings: Surroundings

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(surroundings.root)/\(path)" }
        projectDir = absolute(try settings.requiredText("project_dir"))
        let program = try settings.text("program") ?? "dbt"
        self.program = program.contains("/") ? absolute(program) : program
        profilesDir = try settings.text("profiles_dir").map(absolute)
        target = try settings.text("target")
        targetPath = try settings.text("target_path") ?? "target"
        let environment = settings.object("environment")
        var stated: [(String, String)] = []
        for entry in environment.value.entries { stated.append((entry.key, try environment.text(entry.key) ?? "")) }
        self.stated = stated
        self.surroundings = surroundings
    }

    /// Absolute.
    var resultsFile: String {
        let folder = targetPath.hasPrefix("/") ? targetPath : "\(projectDir)/\(targetPath)"
        return "\(folder)/run_results.json"
    }

    /// Everything that dbt sees of an environment.
    ///
    /// - Throws: ``SecretError``.
    func environment() async throws(SecretError) -> [String: String] {
        var variables = [
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "HOME": projectDir, "LANG": "C.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED": "1",
        ]
        for (name, value) in stated { variables[name] = try await surroundings.secrets.resolve(value) }
        return variables
    }
}
