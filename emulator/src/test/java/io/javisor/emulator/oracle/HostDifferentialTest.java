package io.javisor.emulator.oracle;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.emulator.cpu.HostFeatures;
import io.javisor.emulator.decode.Decoder;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.InstructionClass;
import io.javisor.emulator.decode.InstructionTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Each form of user mode that the host has, in random states: the host's processor and a step agree in everything. */
class HostDifferentialTest {
    private static final int STATES = Integer.getInteger("oracle.states", 1_000_000);
    private static final long SEED = Long.getLong("oracle.seed", 0x5eed);
    private static final int SEQUENCES = Integer.getInteger("oracle.sequences", 100_000);
    private static final int BATCH = 512;

    @TempDir
    private Path directory;

    @BeforeAll
    static void compilerIsThere() throws InterruptedException {
        try {
            Process process = new ProcessBuilder("gcc", "--version")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertTrue(process.waitFor() == 0, "gcc --version fails");
        } catch (IOException e) {
            assumeTrue(System.getenv("CI") != null, "there is no gcc: apt-get install gcc libc6-dev");
            fail("there is no gcc: apt-get install gcc libc6-dev", e);
        }
    }

    @Test
    void aStepDoesWhatTheHostDoes(TestReporter reporter) throws Exception {
        try (Subject subject = new StepSubject(new Decoder(HostFeatures.ofHost()))) {
            compareAll(subject, STATES, reporter);
        }
    }

    @Test
    void aRunDoesWhatTheHostDoes(TestReporter reporter) throws Exception {
        try (Subject subject = new RunSubject(HostFeatures.ofHost())) {
            compareAll(subject, STATES / 2, reporter);
        }
    }

    @Test
    void runsOfManyInstructionsDoWhatTheHostDoes(TestReporter reporter) throws Exception {
        Decoder decoder = new Decoder(HostFeatures.ofHost());
        compareSequences(new SequenceGenerator(SEED, decoder, forms(), false), SEQUENCES, reporter);
    }

    @Test
    void runsOfVectorsDoWhatTheHostDoes(TestReporter reporter) throws Exception {
        Decoder decoder = new Decoder(HostFeatures.ofHost());
        compareSequences(SequenceGenerator.ofVectors(SEED, decoder, forms()), SEQUENCES / 2, reporter);
    }

    private void compareSequences(SequenceGenerator generator, int wanted, TestReporter reporter) throws Exception {
        List<String> differences = new ArrayList<>();
        try (HostOracle oracle = HostOracle.start(directory, BATCH);
                Subject subject = new RunSubject(HostFeatures.ofHost())) {
            Comparison comparison = new Comparison(subject);
            int states = 0;
            for (; states < wanted; states += BATCH) {
                for (int i = 0; i < BATCH; i++) {
                    generator.fill(oracle.record(i));
                }
                oracle.run(BATCH);
                for (int i = 0; i < BATCH; i++) {
                    String difference = oracle.compare(comparison, i);
                    if (difference != null) {
                        differences.add(difference);
                    }
                }
            }
            reporter.publishEntry(
                    "oracle",
                    states + " sequences, " + comparison.faults() + " of them faults, " + subject.emitted()
                            + " instructions emitted");
        }
        assertTrue(differences.isEmpty(), () -> differences.size() + " × " + differences.get(0));
    }

    @Test
    void theFormsOfAvxAreAmongThem() {
        assumeTrue(
                HostFeatures.ofHost().contains(Feature.AVX),
                "the host's processor has no AVX: its forms are not compared");
        assertTrue(forms().stream().anyMatch(form -> form.needs(Feature.AVX)));
    }

    private void compareAll(Subject subject, int wanted, TestReporter reporter) throws Exception {
        Decoder decoder = new Decoder(HostFeatures.ofHost());
        Comparison comparison = new Comparison(subject);
        CaseGenerator generator = new CaseGenerator(SEED, decoder);
        List<Form> forms = forms();
        Map<String, List<String>> differences = new TreeMap<>();
        int[] counts = new int[InstructionTable.forms().size()];
        int states = 0;
        try (HostOracle oracle = HostOracle.start(directory, BATCH)) {
            int next = 0;
            int fruitless = 0;
            while (states < wanted && fruitless < forms.size()) {
                int filled = 0;
                Form[] batch = new Form[BATCH];
                while (filled < BATCH && fruitless < forms.size()) {
                    Form form = forms.get(next++ % forms.size());
                    if (generator.fill(form, oracle.record(filled))) {
                        batch[filled++] = form;
                        fruitless = 0;
                    } else {
                        fruitless++;
                    }
                }
                oracle.run(filled);
                for (int i = 0; i < filled; i++) {
                    counts[batch[i].id()]++;
                    String difference = oracle.compare(comparison, i);
                    if (difference != null) {
                        differences
                                .computeIfAbsent(batch[i].names().get(0), k -> new ArrayList<>())
                                .add(difference);
                    }
                }
                states += filled;
            }
            long covered = forms.stream().filter(form -> counts[form.id()] > 0).count();
            reporter.publishEntry(
                    "oracle",
                    states + " states of " + covered + " forms of " + forms.size() + ", " + comparison.faults()
                            + " of them faults, " + subject.emitted() + " pieces of code");
        }
        for (Form form : forms) {
            assertTrue(counts[form.id()] > 0, () -> "no state for " + form);
        }
        StringBuilder report = new StringBuilder();
        differences.forEach((name, list) ->
                report.append(list.size()).append(" × ").append(list.get(0)).append('\n'));
        assertTrue(differences.isEmpty(), report.toString());
    }

    static List<Form> forms() {
        long offered = 0;
        for (Feature feature : HostFeatures.ofHost()) {
            offered |= feature.mask();
        }
        List<Form> forms = new ArrayList<>();
        for (Form form : InstructionTable.forms()) {
            boolean user = form.kind() != InstructionClass.SYSTEM && form.kind() != InstructionClass.UNDEFINED;
            // CMPXCHG8B with REX.W is what a processor without CMPXCHG16B makes of that.
            user &= form.isIn64BitMode()
                    && !(form.names().get(0).equals("cmpxchg8b")
                            && form.opcode().w() == 1);
            // FS holds the C library's own data.
            boolean random = form.needs(Feature.RDRAND) || form.needs(Feature.RDSEED);
            if (user && !random && !form.needs(Feature.FSGSBASE) && (form.features() & ~offered) == 0) {
                forms.add(form);
            }
        }
        return forms;
    }
}
