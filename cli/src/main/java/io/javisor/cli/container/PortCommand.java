package io.javisor.cli.container;

import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.PublishedPort;
import io.javisor.manager.Instance;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code javisor port}. */
@Command(
        name = "port",
        description = "Lists the ports of the host that lead to a container's.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class PortCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Its name.")
    private String name = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "PORT[/udp]", description = "Only where this one is reached.")
    private @Nullable String port;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final ContainerHost host;

    PortCommand(ContainerHost host) {
        this.host = host;
    }

    @Override
    public Integer call() {
        Instance container = Containers.find(host, name);
        List<PublishedPort> published =
                container.isLive() ? Containers.spec(container).network().published() : List.of();
        PrintWriter out = spec.commandLine().getOut();
        if (port == null) {
            published.forEach(each -> out.println(guest(each) + " -> " + each.bound()));
        } else {
            String wanted = port.indexOf('/') < 0 ? port + "/tcp" : port;
            List<PublishedPort> found = published.stream()
                    .filter(each -> guest(each).equals(wanted))
                    .toList();
            if (found.isEmpty()) {
                throw new ConfigException("no public port '" + port + "' published for " + name);
            }
            found.forEach(each -> out.println(each.bound()));
        }
        out.flush();
        return 0;
    }

    private static String guest(PublishedPort port) {
        return port.guestPort() + "/" + port.protocol().name().toLowerCase(Locale.ROOT);
    }
}
