package io.javisor.benchmarks.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.BootStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootTimelineTest {
    @Test
    void phasesFollowEachOtherAndAddUpToTheWhole() {
        BootTimeline boot = BootTimeline.of(Traces.linux());
        long at = 0;
        for (BootTimeline.Phase phase : boot.phases()) {
            assertEquals(at, phase.startNanos(), phase::label);
            assertTrue(phase.finished(), phase::label);
            at = phase.endNanos();
        }
        assertEquals(at, boot.endNanos());
        assertEquals(
                List.of(40, 60, 50, 20, 15, 10, 5, 1, 799, 4000, 250),
                boot.phases().stream()
                        .map(phase -> (int) (phase.nanos() / 1_000_000))
                        .toList());
        assertTrue(boot.ready());
    }

    @Test
    void silencesAreTheLongestOnesInTheOrderOfTime() {
        List<BootTimeline.Silence> silences = BootTimeline.of(Traces.linux()).silences();
        assertEquals(
                List.of(
                        "[    0.000000] Linux version 6.1",
                        "[    2.100000] Unpacking",
                        "[    4.000000] Run /init as init process"),
                silences.stream().map(BootTimeline.Silence::after).toList());
        assertEquals("[    2.100000] Unpacking", silences.getFirst().before());
        assertEquals(Traces.millis(2100), silences.getFirst().nanos());
    }

    @Test
    void silencesAreFewAndNoneIsShort() {
        List<BootTrace.Line> lines = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            lines.add(Traces.line(1000 + 200 * i + (i % 7), "[    0.000000] line " + i));
        }
        List<BootTimeline.Silence> silences =
                BootTimeline.of(Traces.of(lines, 30_000)).silences();
        assertEquals(List.of(), silences, "each is less than a hundredth of the whole");
        silences = BootTimeline.of(Traces.of(lines, 11_000)).silences();
        assertEquals(BootTimeline.MAX_SILENCES, silences.size());
        assertTrue(silences.stream().allMatch(silence -> silence.nanos() == Traces.millis(201)));
        assertEquals("[    0.000000] line 0", silences.getFirst().after());
    }

    /** The index of the line with which the guest is ready; -1 for never. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[ 1.0] a;[ 2.0] Run /init as init process;Debian 12;login:            | 2",
                "[ 1.0] a;[ 2.0] Run /init as init process;[ 3.0] b;;hello             | 4",
                "[ 1.0] a;[ 2.0] Run /init as init process;starting;javisor guest ready | 3",
                "[ 1.0] a;[ 2.0] b                                                     | -1",
                "[ 1.0] a;[ 2.0] Run /init as init process                             | -1",
                "Decompressing Linux;[ 1.0] a;hello                                    | 2",
                "[ 1.0][    T1] a;[ 2.0][    C0] Run /sbin/init as init process;x      | 2",
                "hello;world                                                           | -1",
                "hello;javisor guest ready                                             | 1",
                "[ 1.0] a;Run /init as init process;[ 2.0] b                           | 1",
            })
    void readiness(String console, int index) {
        List<BootTrace.Line> lines = new ArrayList<>();
        for (String text : console.strip().split(";", -1)) {
            lines.add(Traces.line(1000 + 10 * lines.size(), text));
        }
        BootTimeline boot = BootTimeline.of(Traces.of(lines, 5000));
        assertEquals(index >= 0, boot.ready());
        assertEquals(index < 0 ? Traces.millis(5000) : lines.get(index).nanos() - Traces.ORIGIN, boot.endNanos());
        assertEquals(index >= 0, boot.phases().getLast().finished());
    }

    @Test
    void aQuietKernelIsOnePhaseWithItsInit() {
        List<BootTrace.Line> lines = List.of(Traces.line(300, "[ 1.0] a"), Traces.line(900, "hello"));
        BootTimeline.Phase last =
                BootTimeline.of(Traces.of(lines, 1000)).phases().getLast();
        assertEquals("kernel, until it runs init + init, until the guest is ready", last.label());
        assertEquals(Traces.millis(600), last.nanos());
    }

    @Test
    void stepsOutOfOrderTakeNoTime() {
        BootTrace trace = Traces.linux();
        Map<BootStep, Long> steps = new HashMap<>(trace.steps());
        steps.put(BootStep.MEMORY_ALLOCATED, Traces.at(1));
        BootTimeline boot = BootTimeline.of(new BootTrace(
                trace.jvmNanos(),
                trace.mainNanos(),
                trace.configuredNanos(),
                steps,
                trace.lines(),
                false,
                trace.endNanos()));
        assertTrue(boot.phases().stream().allMatch(phase -> phase.nanos() >= 0));
        assertEquals(Traces.millis(5250), boot.endNanos());
    }
}
