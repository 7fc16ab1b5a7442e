package io.javisor.api.firecracker;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.host.Console;

/** A console on which nobody types or reads. */
public final class NullConsole implements AutoCloseable {
    private final Fd input = Fd.own("input", Libc.open("/dev/null", HostConstants.O_RDWR, 0));
    private final Fd output = Fd.own("output", Libc.open("/dev/null", HostConstants.O_RDWR, 0));

    public Console console() {
        return new Console(input.value(), output.value(), ConsoleInputFilter.NONE);
    }

    @Override
    public void close() {
        input.close();
        output.close();
    }
}
