package io.javisor.cli;

import io.javisor.cli.container.ContainerInspection;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import io.javisor.manager.Instances;
import io.javisor.manager.registry.MachineAbout;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code javisor inspect}. As with docker's, standard output is a JSON array in every case, of those that there are. */
@Command(
        name = "inspect",
        description = "Prints all that is known of machines and containers, as a JSON array.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true)
final class InspectCommand implements Callable<Integer> {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Parameters(paramLabel = "NAME", arity = "1..*", description = "The machines and containers.")
    private List<String> names = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Instances instances = MachineLaunch.instances();
        ArrayNode all = MAPPER.createArrayNode();
        int status = ExitStatus.POWER_OFF;
        for (String name : names) {
            try {
                Instance found = instances.find(name);
                all.add(
                        switch (found.entry().kind()) {
                            case MACHINE -> inspected(found);
                            case CONTAINER -> ContainerInspection.of(found);
                        });
            } catch (ConfigException e) {
                status = ErrorMessages.report(e, spec.commandLine().getErr(), false);
            }
        }
        spec.commandLine().getOut().println(all.isEmpty() ? "[]" : MAPPER.writeValueAsString(all));
        spec.commandLine().getOut().flush();
        return status;
    }

    private static ObjectNode inspected(Instance instance) throws InterruptedException {
        MachineEntry machine = instance.entry();
        MachineStatus status = machine.status();
        MachineAbout about = machine.about();
        ObjectNode node = MAPPER.createObjectNode()
                .put("name", machine.name())
                .put("id", machine.id())
                .put("state", status.phase().toString())
                .put("pid", status.pid())
                .put("created", time(about.createdMillis()))
                .put("started", time(status.startedMillis()))
                .put("ended", time(status.endedMillis()));
        if (status.exitStatus() < 0) {
            node.putNull("exitStatus");
        } else {
            node.put("exitStatus", status.exitStatus());
        }
        node.put("reason", status.reason())
                .put("restartPolicy", about.restart().toString())
                .put("restarts", status.restarts())
                .put("removeAtEnd", about.removeAtEnd())
                .put("controlSocket", machine.controlSocket().toString())
                .put("consoleLog", machine.consoleLog().toString())
                .put("processLog", machine.processLog().toString());
        node.set("settings", settings(machine));
        boolean guest = status.phase().hasGuest();
        node.set("machine", guest ? running(instance) : MAPPER.nullNode());
        return node;
    }

    private static @Nullable String time(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis).toString();
    }

    private static JsonNode settings(MachineEntry machine) {
        try {
            return MAPPER.readTree(Files.readString(machine.settingsFile()));
        } catch (IOException e) {
            throw new ConfigException("the settings of machine '" + machine.name() + "' can't be read: " + e, e);
        }
    }

    /** What its process tells; null if that does not answer. */
    private static JsonNode running(Instance machine) throws InterruptedException {
        try {
            return machine.description();
        } catch (ConfigException e) {
            return MAPPER.nullNode();
        }
    }
}
