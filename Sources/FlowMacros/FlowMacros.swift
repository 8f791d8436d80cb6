// FlowMacros: the compiler's plugin. It gives FlowExpansion's macros the names that the compiler looks for, and nothing else.

import FlowExpansion
import SwiftCompilerPlugin
import SwiftSyntaxMacros

struct FlowMacro: FlowMacroExpansion {}
struct StepMacro: StepMarkerExpansion {}
struct AgentMacro: AgentMacroExpansion {}

@main struct FlowMacros: CompilerPlugin {
    let providingMacros: [any Macro.Type] = [FlowMacro.self, StepMacro.self, AgentMacro.self]
}
