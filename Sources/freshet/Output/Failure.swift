import FreshetCore
import FreshetDefinitions
import FreshetKit

/// Why a command could not do what was asked; worded here and nowhere else.
enum Failure: Error {
    case noProject(from: String)
    case definitions([Diagnostic], root: String)
    case selection(SelectionError, String)
    case nothingSelected(String)
    case unknownAsset(String, nearest: String?)
    case unknownRun(String)
    case usage(String, mend: String?)
    case notObserved(String)
    case neverStarted(store: String)
    case store(StoreError, path: String)
    case daemon(String)
    case noDaemon
    case daemonRefused(String)
    /// What was asked about users or tokens cannot be done, with what may help.
    case accessRefused(String, mend: String?)
    case rejected(String)
    /// What was asked makes no sense for this run as it is.
    case notNow(String)
    /// A system behind a connection did not tell what was asked.
    case service(String)
    case timedOut(String)
    case badTime(String)
    case file(path: String, reason: String)
    case other(String)

    var status: ExitStatus {
        switch self {
        case .noProject, .definitions, .file: .invalid
        case .accessRefused, .badTime, .notObserved, .nothingSelected, .selection, .unknownAsset, .unknownRun, .usage:
            .usage
        case .neverStarted: .invalid
        case .store(.held, _): .storeHeld
        case .store(let error, _) where error.isOfRights: .notPermitted
        case .store: .invalid
        case .daemon, .noDaemon: .daemonUnreachable
        case .daemonRefused: .daemonUnreachable
        case .rejected, .notNow, .service: .runFailed
        case .timedOut: .timedOut
        case .other: .internalError
        }
    }

    /// What is wrong, and what to do.
    var text: (problem: String, mend: String?) {
        switch self {
        case .noProject(let folder):
            (
                "there is no freshet.yaml in \(folder) or above it",
                "run 'freshet init' to start a project, or name one with --project"
            )
        case .definitions(let diagnostics, _):
            ("the project has \(diagnostics.count == 1 ? "a mistake" : "\(diagnostics.count) mistakes")", nil)
        case .selection(let error, let text): ("the selection '\(text)' is wrong: \(error)", "see docs/selection.md")
        case .nothingSelected(let text):
            (
                "'\(text)' selects nothing that Freshet works on",
                "observed assets and branches are never run; 'freshet assets' lists all"
            )
        case .unknownAsset(let key, let nearest):
            ("there is no asset '\(key)'", nearest.map { "did you mean '\($0)'?" } ?? "'freshet assets' lists all")
        case .unknownRun(let id): ("there is no run '\(id)'", "'freshet runs' lists the latest")
        case .usage(let problem, let mend): (problem, mend)
        case .notObserved(let name): ("there is no sensor '\(name)'", "'freshet sensors' lists all")
        case .neverStarted(let path):
            (
                "nothing has been recorded yet: \(path) does not exist",
                "start the daemon with 'freshet up', or do a first 'freshet run'"
            )
        case .store(let error, _): (error.description, error.mend)
        case .daemon(let reason):
            ("the daemon does not answer: \(reason)", "look at its log, or start one with 'freshet up'")
        case .noDaemon:
            ("no daemon is up to ask", "start one with 'freshet up'; it takes up what is unfinished, and can be asked")
        case .daemonRefused(let reason): ("the daemon refused: \(reason)", nil)
        case .accessRefused(let reason, let mend): (reason, mend)
        case .rejected(let reason): ("the run was refused: \(reason)", nil)
        case .notNow(let reason): (reason, nil)
        case .service(let reason): (reason, "'freshet doctor' checks the connection from the outside in")
        case .timedOut(let what): ("\(what) did not end in time", "it goes on; 'freshet runs' shows it")
        case .badTime(let text):
            ("'\(text)' is not a time", "write 2026-05-04T07:30, 2026-05-04T07:30:00Z, or a length of time such as 7d")
        case .file(let path, let reason): ("\(path): \(reason)", nil)
        case .other(let text): (text, nil)
        }
    }
}
