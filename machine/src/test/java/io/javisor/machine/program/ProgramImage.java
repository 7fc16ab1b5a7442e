package io.javisor.machine.program;

import io.javisor.testkit.guest.Assembly;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Programs with the harness that runs them: a Multiboot kernel without a format, for {@link #LOAD_GPA}. */
final class ProgramImage {
    static final int LOAD_GPA = 0x10_0000;

    /** Where the harness writes what became of the programs, a page each. */
    static final int OUT_GPA = 0x14_0000;

    static final int OUT_SIZE = 0x1000;
    static final int PROGRAMS_MAX = 250;

    /** Where the harness counts the programs that it has begun, 4 bytes. */
    static final int BEGUN_GPA = LOAD_GPA + 0x28;

    private static final int COUNT_AT = 0x20;
    private static final int DUMPS_AT = 0x24;
    private static final long LINKED_AT = 0xFFFF_FFFF_8010_0000L;

    private final byte[] bytes;
    private final List<Long> seeds;

    private ProgramImage(byte[] bytes, List<Long> seeds) {
        this.bytes = bytes;
        this.seeds = List.copyOf(seeds);
    }

    /** Programs of the seeds from {@code firstSeed} on. */
    static ProgramImage make(RandomProgram.Kind kind, long firstSeed, int count) {
        List<Long> seeds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            seeds.add(firstSeed + i);
        }
        return of(kind, seeds);
    }

    static ProgramImage of(RandomProgram.Kind kind, List<Long> seeds) {
        if (seeds.size() > PROGRAMS_MAX) {
            throw new IllegalArgumentException(seeds.size() + " programs are too many");
        }
        byte[] harness = Assembly.of(
                        ProgramImage.class, LINKED_AT, "harness.S", "harness-handlers.S", "harness-tables.S")
                .bytes();
        int casesAt = RandomProgram.CASES_GPA - LOAD_GPA;
        ByteBuffer image = ByteBuffer.wrap(Arrays.copyOf(harness, casesAt + seeds.size() * RandomProgram.CASE_SIZE))
                .order(ByteOrder.LITTLE_ENDIAN);
        image.putInt(COUNT_AT, seeds.size());
        for (int i = 0; i < seeds.size(); i++) {
            image.put(casesAt + i * RandomProgram.CASE_SIZE, RandomProgram.make(seeds.get(i), kind, i));
        }
        return new ProgramImage(image.array(), seeds);
    }

    int count() {
        return seeds.size();
    }

    List<Long> seeds() {
        return seeds;
    }

    /** With other code in the place of a program's first. */
    ProgramImage withCode(int index, byte... code) {
        ByteBuffer changed = ByteBuffer.wrap(bytes.clone());
        int at = RandomProgram.CASES_GPA - LOAD_GPA + index * RandomProgram.CASE_SIZE;
        ByteBuffer made = changed.slice(at, RandomProgram.CASE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        made.put(RandomProgram.codeIn(made), code);
        return new ProgramImage(changed.array(), seeds);
    }

    byte[] bytes() {
        return bytes.clone();
    }

    /** Where it is entered. */
    int entryGpa() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0x1c);
    }

    /** One that writes what it writes down to port 0xE9 in the end. */
    byte[] bytesThatDump() {
        byte[] dumping = bytes.clone();
        dumping[DUMPS_AT] = 1;
        return dumping;
    }
}
