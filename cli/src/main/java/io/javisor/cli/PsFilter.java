package io.javisor.cli;

import io.javisor.cli.container.ContainerInspection;
import io.javisor.cli.container.Containers;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import io.javisor.manager.registry.MachineKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which of the machines and containers {@code ps} lists: those with one of the values of each key that is given, but with all labels. */
final class PsFilter {
    private static final List<String> KEYS = List.of("kind", "name", "id", "status", "exited", "ancestor", "label");

    private final Map<String, List<String>> wanted = new LinkedHashMap<>();

    private PsFilter() {}

    /** @throws ConfigException with docker's words */
    static PsFilter parse(List<String> texts) {
        PsFilter filter = new PsFilter();
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals < 0) {
                throw new ConfigException("bad format of filter (expected name=value): '" + text + "'");
            }
            String key = text.substring(0, equals);
            if (!KEYS.contains(key)) {
                throw new ConfigException("invalid filter '" + key + "'; there are " + String.join(", ", KEYS));
            }
            filter.wanted.computeIfAbsent(key, _ -> new ArrayList<>()).add(text.substring(equals + 1));
        }
        return filter;
    }

    /** Whether those that have ended may be asked for too. */
    boolean asksForState() {
        return wanted.containsKey("status") || wanted.containsKey("exited");
    }

    boolean takes(Instance machine, MachineSummary summary) {
        return wanted.entrySet().stream().allMatch(each -> {
            List<String> values = each.getValue();
            return each.getKey().equals("label")
                    ? values.stream().allMatch(value -> hasLabel(machine, value))
                    : values.stream().anyMatch(value -> has(each.getKey(), value, machine, summary));
        });
    }

    private static boolean has(String key, String value, Instance machine, MachineSummary summary) {
        return switch (key) {
            case "kind" -> summary.kind().equals(value);
            case "name" -> summary.name().contains(value);
            case "id" -> summary.id().startsWith(value);
            case "status" ->
                summary.state().equals(value)
                        || (isContainer(machine) && dockersState(machine).equals(value));
            case "exited" -> String.valueOf(summary.exitStatus()).equals(value);
            default -> isContainer(machine) && (value.equals(summary.image()) || Containers.isOfImage(machine, value));
        };
    }

    private static boolean hasLabel(Instance machine, String text) {
        if (!isContainer(machine)) {
            return false;
        }
        Map<String, String> labels = Containers.spec(machine).labels();
        int equals = text.indexOf('=');
        return equals < 0
                ? labels.containsKey(text)
                : text.substring(equals + 1).equals(labels.get(text.substring(0, equals)));
    }

    private static String dockersState(Instance container) {
        return ContainerInspection.state(container.entry().status());
    }

    private static boolean isContainer(Instance machine) {
        return machine.entry().kind() == MachineKind.CONTAINER;
    }
}
