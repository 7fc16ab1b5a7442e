package io.javisor.devices.pic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.testkit.FuzzBytes;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any sequence of commands, requests, acknowledge cycles and copies: every register, vector and the output as the reference model has them. */
class PicModelFuzzTest {
    static Stream<byte[]> seeds() {
        Random random = new Random(8259);
        Stream<byte[]> programs = Stream.generate(() -> {
                    byte[] program = new byte[1200];
                    random.nextBytes(program);
                    return program;
                })
                .limit(40);
        byte[] linux = FuzzBytes.of(
                0, 0, 0x11, 0, 1, 0x30, 0, 1, 4, 0, 1, 1, 0, 2, 0x11, 0, 3, 0x38, 0, 3, 2, 0, 3, 1, 2, 9, 4);
        return Stream.concat(Stream.of(linux), programs);
    }

    @MethodSource("seeds")
    @FuzzTest
    void agrees(byte[] bytes) {
        Pair pair = new Pair();
        FuzzBytes input = new FuzzBytes(bytes);
        while (input.more()) {
            pair.step(input);
        }
    }

    /** The device and its model, driven alike. */
    static final class Pair {
        private PicPair pics = new PicPair();
        private final ReferencePic reference = new ReferencePic();

        void step(FuzzBytes input) {
            int operation = input.u8() % 8;
            switch (operation) {
                case 0 -> {
                    int port = input.u8();
                    write(port >> 1 & 1, port & 1, input.u8());
                }
                case 1 -> {
                    int port = input.u8();
                    assertEquals(reference.read(port >> 1 & 1, port & 1), pics.read(port >> 1 & 1, port & 1), "read");
                }
                case 2, 3 -> {
                    int irq = input.u8() % 16;
                    if (irq != 2) {
                        boolean high = operation == 2;
                        pics.setInput(irq, high);
                        reference.input(irq, high);
                    }
                }
                case 4 -> assertEquals(reference.acknowledge(), pics.acknowledge(), "vector");
                case 5 -> {
                    int chip = input.u8() % 2;
                    int value = input.u8();
                    pics.writeElcr(chip, value);
                    reference.elcr(chip, value);
                }
                case 6 -> {
                    PicState state = pics.save();
                    pics = new PicPair();
                    pics.restore(state);
                    assertEquals(state, pics.save());
                }
                // Ends of interrupts, without which nothing much happens.
                default -> write(input.u8() % 2, 0, 0x20);
            }
            assertEquals(reference.asserted(), pics.asserted(), "output");
        }

        private void write(int chip, int offset, int value) {
            pics.write(chip, offset, value);
            reference.write(chip, offset, value);
        }
    }
}
