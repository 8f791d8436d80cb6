// FlowTypes: flow types as Swift structs, by attributes.
//
// What it is for: `@Flow` and the attributes of its steps; what they make of a struct is plain calls of Flows' builder, by
// FlowMacros. It holds nothing else, so that what runs flows is compiled without a compiler's plugin. Who imports it has Flows
// with it.

public import Approvals
public import Domain
@_exported public import Flows

/// Makes a struct a flow type: its methods with ``Start(name:policy:)``, ``Listen(_:name:policy:)``,
/// ``Router(_:labels:name:policy:)``, ``Ask(_:name:policy:check:)`` and ``Race(_:name:policy:)`` are its steps, and its
/// `State` is what they share.
///
/// The struct is made once, by `init()`, when the definition is; what it stores is what its steps use, the same for all flows
/// of the type. It gets `Context`, the type of what its steps are given, `Steps`, by which they read each other's results, and
/// ``FlowPlugin``, which makes it known to ``FlowRegistry/registerLinked()``. What does not fit together is an error of the
/// compiler, where it is written.
///
/// - Parameters:
///   - type: the name clients start it by: a string literal.
///   - version: counts up with each change of the steps; see ``FlowDefinition``.
///   - onFailure: what a step that has failed for good means for the flow.
@attached(member, names: named(Context), named(Steps))
@attached(
    extension,
    conformances: FlowPlugin,
    names: named(name),
    named(version),
    named(onFailure),
    named(blankState),
    named(define),
    named(addSteps),
    named(pluginRecord)
)
public macro Flow(_ type: String, version: Int = 1, onFailure: FailurePolicy = .failFast) =
    #externalMacro(module: "FlowMacros", type: "FlowMacro")

/// A step that runs when the flow begins. Its method gets the context.
///
/// - Parameters:
///   - name: the step's name, by default the method's: a string literal. The journal knows the step by it.
///   - policy: what is done about it when it fails, hangs or is too much.
@attached(peer)
public macro Start(name: String? = nil, policy: StepPolicy = .standard) =
    #externalMacro(module: "FlowMacros", type: "StepMacro")

/// A step that runs each time its trigger happens. Its method gets the context, and nothing else or the results of the steps
/// that the trigger names, in order: each of an ``Trigger/all(_:)``, the first of an ``Trigger/any(_:)``, none for labels.
///
/// - Parameters:
///   - trigger: a step, a label, or several of them.
///   - name: as in ``Start(name:policy:)``.
///   - policy: as in ``Start(name:policy:)``.
@attached(peer)
public macro Listen(_ trigger: Trigger, name: String? = nil, policy: StepPolicy = .standard) =
    #externalMacro(module: "FlowMacros", type: "StepMacro")

/// As ``Listen(_:name:policy:)``; its method chooses the way on by the ``Label`` it returns.
///
/// - Parameter labels: what it may return: string literals, each of which somebody listens to.
@attached(peer)
public macro Router(_ trigger: Trigger, labels: [Label], name: String? = nil, policy: StepPolicy = .standard) =
    #externalMacro(module: "FlowMacros", type: "StepMacro")

/// As ``Listen(_:name:policy:)``; its method returns a question, and its listeners get the ``PromptAnswer``.
///
/// - Parameter check: what is wrong with an answer beyond its schema: a static function of the flow, named with its type.
///   The answer is refused then and the prompt stays open. Runs within the decision's transaction, so it must be quick.
@attached(peer)
public macro Ask(
    _ trigger: Trigger,
    name: String? = nil,
    policy: StepPolicy = .standard,
    check: @Sendable (PromptDraft, PromptAnswer) -> [Violation] = { _, _ in [] }
) = #externalMacro(module: "FlowMacros", type: "StepMacro")

/// A step that runs when the first of several steps is done, with that one's result; those that are not done by then are
/// skipped, and what they asked is retracted.
@attached(peer)
public macro Race(_ between: Trigger..., name: String? = nil, policy: StepPolicy = .standard) =
    #externalMacro(module: "FlowMacros", type: "StepMacro")
