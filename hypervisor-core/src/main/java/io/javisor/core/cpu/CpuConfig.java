package io.javisor.core.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a user chose: {@code TEMPLATE,+feature,-feature}.
 *
 * @param template null for {@link CpuTemplate#HOST}
 * @param shown features to show although the template hides them
 * @param hidden features to hide beside those that the template hides
 */
public record CpuConfig(@Nullable CpuTemplate template, Set<String> shown, Set<String> hidden) {
    /** All that the engine offers. */
    public static final CpuConfig DEFAULT = new CpuConfig(null, Set.of(), Set.of());

    public CpuConfig {
        shown = Set.copyOf(shown);
        hidden = Set.copyOf(hidden);
    }

    /**
     * Parses {@code "x86-64-v2,+avx,-x2apic"}; the template may be left out.
     *
     * @throws CpuConfigException for an unknown template or feature, with the nearest names
     */
    public static CpuConfig parse(String text) {
        @Nullable CpuTemplate template = null;
        Set<String> shown = new LinkedHashSet<>();
        Set<String> hidden = new LinkedHashSet<>();
        List<String> parts = List.of(text.strip().split(",", -1));
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i).strip();
            if (part.startsWith("+")) {
                shown.add(feature(part.substring(1)));
            } else if (part.startsWith("-")) {
                hidden.add(feature(part.substring(1)));
            } else if (i == 0) {
                template = template(part);
            } else {
                throw new CpuConfigException("'" + part + "' in --cpu: write +" + part + " to show a feature, -" + part
                        + " to hide it; a template comes first");
            }
        }
        for (String name : shown) {
            if (hidden.contains(name)) {
                throw new CpuConfigException("--cpu both shows and hides '" + name + "'");
            }
        }
        return new CpuConfig(template, shown, hidden);
    }

    /** As {@link #parse} takes it; empty for {@link #DEFAULT}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (template != null) {
            parts.add(template.templateName());
        }
        shown.stream().sorted().forEach(name -> parts.add("+" + name));
        hidden.stream().sorted().forEach(name -> parts.add("-" + name));
        return String.join(",", parts);
    }

    private static CpuTemplate template(String name) {
        return CpuTemplate.find(name)
                .orElseThrow(() -> new CpuConfigException("unknown CPU template '" + name + "'; known are "
                        + Arrays.stream(CpuTemplate.values())
                                .map(CpuTemplate::templateName)
                                .collect(Collectors.joining(", "))));
    }

    private static String feature(String name) {
        return CpuFeatures.find(name).map(CpuFeature::name).orElseThrow(() -> {
            List<String> nearest = CpuFeatures.nearest(name);
            return new CpuConfigException("unknown CPU feature '" + name + "'"
                    + (nearest.isEmpty()
                            ? "; the names are those of the flags in /proc/cpuinfo"
                            : "; did you mean " + String.join(", ", nearest) + "?"));
        });
    }

    /** The template in force. */
    public CpuTemplate effectiveTemplate() {
        return template == null ? CpuTemplate.HOST : template;
    }

    /**
     * The names of all features that a guest on {@code host} does not see.
     *
     * @throws CpuConfigException if the host lacks what the template needs or the user wants to show
     */
    Set<String> hiddenOn(HostCpu host) {
        CpuTemplate effective = effectiveTemplate();
        List<String> missing = effective.required().stream()
                .filter(name -> !host.supports(name))
                .sorted()
                .toList();
        if (!missing.isEmpty()) {
            throw new CpuConfigException("CPU template " + effective.templateName() + " needs "
                    + String.join(", ", missing) + ", which this host's engine does not offer");
        }
        Set<String> all = new LinkedHashSet<>(effective.hidden());
        all.addAll(CpuFeatures.withDependents(hidden));
        all.removeAll(shown);
        for (String name : new ArrayList<>(shown)) {
            if (!host.supports(name)) {
                throw new CpuConfigException("--cpu +" + name + ": this host's engine does not offer it");
            }
            for (String prerequisite : CpuFeatures.prerequisites(name)) {
                if (all.contains(prerequisite)) {
                    throw new CpuConfigException(
                            "--cpu +" + name + " needs " + prerequisite + ", which is hidden: add +" + prerequisite);
                }
            }
        }
        return all;
    }
}
