package io.javisor.benchmarks.boot;

import io.javisor.machine.BootStep;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A boot worked out: phases that follow each other without a gap, from the JVM's start to the guest's readiness or, if it never was
 * ready, to its end. Times are nanoseconds since the JVM's start.
 *
 * @param phases at least one
 * @param silences the longest times between two lines of the console, in the order of time
 * @param ready whether the guest got ready
 * @param linesLost whether the console's output is known in part only
 */
record BootTimeline(List<Phase> phases, List<Silence> silences, boolean ready, boolean linesLost) {
    /** Whose time it is. */
    enum Owner {
        JAVISOR,
        GUEST
    }

    /** A stretch of time; {@code finished} is false for the one in which the boot broke off. */
    record Phase(String label, Owner owner, long startNanos, long endNanos, boolean finished) {
        long nanos() {
            return endNanos - startNanos;
        }
    }

    /** Nothing came between the starts of two lines. */
    record Silence(String after, String before, long startNanos, long endNanos) {
        long nanos() {
            return endNanos - startNanos;
        }
    }

    static final int MAX_SILENCES = 8;

    /** Shorter ones than this part of the whole explain nothing. */
    private static final int SILENCE_SHARE = 100;

    /** What a guest may print when it is up, to be recognised whatever its kernel prints. */
    private static final String READY = "javisor guest ready";

    private static final String RUN_INIT = "Run /";

    /** Linux, kernel/printk/printk.c, print_time() and print_caller(). */
    private static final Pattern KERNEL_LINE = Pattern.compile("\\[ *[0-9]+\\.[0-9]+](\\[ *[TC][0-9]+])? .*");

    private record Milestone(
            String label, Owner owner, @Nullable Long nanos) {}

    BootTimeline {
        phases = List.copyOf(phases);
        silences = List.copyOf(silences);
    }

    /** When the guest was ready, or gone. */
    long endNanos() {
        return phases.getLast().endNanos();
    }

    static BootTimeline of(BootTrace trace) {
        long origin = trace.jvmNanos();
        List<BootTrace.Line> lines = trace.lines();
        int init = initLine(lines);
        int ready = readyLine(lines, init);
        List<Milestone> milestones = new ArrayList<>();
        milestones.add(new Milestone("JVM start", Owner.JAVISOR, trace.mainNanos()));
        milestones.add(new Milestone("configuration", Owner.JAVISOR, trace.configuredNanos()));
        milestones.add(step(trace, "images read and checked", BootStep.IMAGES_READ));
        milestones.add(step(trace, "guest memory", BootStep.MEMORY_ALLOCATED));
        milestones.add(step(trace, "virtual machine", BootStep.VM_CREATED));
        milestones.add(step(trace, "devices, images copied", BootStep.IMAGES_LOADED));
        milestones.add(step(trace, "virtual CPUs", BootStep.VCPUS_CREATED));
        milestones.add(step(trace, "first entry into the guest", BootStep.GUEST_ENTERED));
        milestones.add(new Milestone("guest, until its first output", Owner.GUEST, at(lines, 0)));
        milestones.add(new Milestone("kernel, until it runs init", Owner.GUEST, at(lines, init)));
        milestones.add(new Milestone("init, until the guest is ready", Owner.GUEST, at(lines, ready)));
        List<Phase> phases = phases(milestones, origin, trace.endNanos());
        List<BootTrace.Line> boot = ready < 0 ? lines : lines.subList(0, ready + 1);
        return new BootTimeline(
                phases, silences(boot, origin, phases.getLast().endNanos()), ready >= 0, trace.linesLost());
    }

    private static Milestone step(BootTrace trace, String label, BootStep step) {
        return new Milestone(label, Owner.JAVISOR, trace.steps().get(step));
    }

    private static @Nullable Long at(List<BootTrace.Line> lines, int index) {
        return index < 0 || index >= lines.size() ? null : lines.get(index).nanos();
    }

    /** A milestone that was not seen belongs to the next that was; behind the last one seen the boot broke off. */
    private static List<Phase> phases(List<Milestone> milestones, long origin, long endNanos) {
        List<Phase> phases = new ArrayList<>();
        List<String> unseen = new ArrayList<>();
        long start = 0;
        Owner owner = Owner.JAVISOR;
        for (Milestone milestone : milestones) {
            if (unseen.isEmpty()) {
                owner = milestone.owner();
            }
            unseen.add(milestone.label());
            Long nanos = milestone.nanos();
            if (nanos != null) {
                long end = Math.max(start, nanos - origin);
                phases.add(new Phase(String.join(" + ", unseen), owner, start, end, true));
                start = end;
                unseen.clear();
            }
        }
        if (!unseen.isEmpty()) {
            phases.add(new Phase(
                    unseen.getFirst() + ": not finished", owner, start, Math.max(start, endNanos - origin), false));
        }
        return phases;
    }

    private static int initLine(List<BootTrace.Line> lines) {
        for (int i = 0; i < lines.size(); i++) {
            String text = lines.get(i).text();
            // Linux, init/main.c: "Run %s as init process"
            if (isKernels(text) && text.contains("] " + RUN_INIT) && text.endsWith(" as init process")) {
                return i;
            }
        }
        return -1;
    }

    /** The guest's own word, or the first line that is not the kernel's after those that are. */
    private static int readyLine(List<BootTrace.Line> lines, int init) {
        boolean kernelSeen = false;
        int first = -1;
        for (int i = Math.max(0, init); i < lines.size(); i++) {
            String text = lines.get(i).text();
            if (text.equals(READY)) {
                return i;
            }
            if (isKernels(text)) {
                kernelSeen = true;
            } else if (kernelSeen && first < 0 && !text.isBlank()) {
                first = i;
            }
        }
        return first;
    }

    private static boolean isKernels(String text) {
        return KERNEL_LINE.matcher(text).matches();
    }

    private static List<Silence> silences(List<BootTrace.Line> lines, long origin, long wholeNanos) {
        List<Silence> silences = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            BootTrace.Line after = lines.get(i - 1);
            BootTrace.Line before = lines.get(i);
            silences.add(new Silence(after.text(), before.text(), after.nanos() - origin, before.nanos() - origin));
        }
        return silences.stream()
                .filter(silence -> silence.nanos() > wholeNanos / SILENCE_SHARE)
                .sorted(Comparator.comparingLong(Silence::nanos).reversed())
                .limit(MAX_SILENCES)
                .sorted(Comparator.comparingLong(Silence::startNanos))
                .toList();
    }
}
