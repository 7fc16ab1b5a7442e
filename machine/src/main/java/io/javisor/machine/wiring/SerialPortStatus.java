package io.javisor.machine.wiring;

import io.javisor.devices.backend.SerialCounters;
import io.javisor.machine.config.SerialSink;
import org.jspecify.annotations.Nullable;

/**
 * A serial port of a machine.
 *
 * @param id {@code com1} to {@code com4}
 * @param sink where it ends on the host
 * @param terminal the name to open, such as {@code /dev/pts/3}; null unless the sink is a pty
 * @param counters what has passed it
 */
public record SerialPortStatus(
        String id, SerialSink sink, @Nullable String terminal, SerialCounters counters) {}
