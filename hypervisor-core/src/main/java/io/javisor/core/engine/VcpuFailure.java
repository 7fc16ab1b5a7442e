package io.javisor.core.engine;

import io.javisor.core.cpu.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Why a vCPU cannot go on, for a reader.
 *
 * @param reason one line in the engine's words
 * @param instruction the bytes of the instruction at fault if the engine knows them, else none
 * @param hint one line on what would help, or null
 */
public record VcpuFailure(
        String reason, Bytes instruction, @Nullable String hint) {}
