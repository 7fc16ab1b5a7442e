package io.javisor.machine.config;

import org.jspecify.annotations.Nullable;

/**
 * How a guest may be looked into.
 *
 * @param trace what is written down of its instructions, which only the software engine does; null for nothing
 * @param gdb where a debugger may connect; null for nowhere
 */
public record DebugConfig(
        @Nullable TraceConfig trace, @Nullable GdbConfig gdb) {
    /** Not at all. */
    public static final DebugConfig DEFAULT = new DebugConfig(null, null);

    /** The same with another trace. */
    public DebugConfig withTrace(@Nullable TraceConfig value) {
        return new DebugConfig(value, gdb);
    }

    /** The same with a debugger elsewhere. */
    public DebugConfig withGdb(@Nullable GdbConfig value) {
        return new DebugConfig(trace, value);
    }
}
