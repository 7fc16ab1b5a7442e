package io.javisor.gdb;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A register as GDB has it: little-endian, of a fixed size. */
sealed interface Register {
    String name();

    int sizeBytes();

    /** GDB's type, for the target description. */
    String type();

    /** One of a vCPU's {@link CpuRegisters}, which can be set unless {@code set} is null. */
    record Word(
            String name,
            int sizeBytes,
            String type,
            ToLongFunction<CpuRegisters> get,
            @Nullable Setter set) implements Register {}

    /** One that only all of a vCPU's state has: for reading. */
    record Part(
            String name,
            int sizeBytes,
            String type,
            @Nullable String group,
            Function<CpuState, byte[]> get) implements Register {}

    /** Gives the registers with one of them changed. */
    @FunctionalInterface
    interface Setter {
        CpuRegisters set(CpuRegisters registers, long value);
    }
}
