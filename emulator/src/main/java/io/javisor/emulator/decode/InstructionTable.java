package io.javisor.emulator.decode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The instruction set: base x86-64 with everything up to SSE4.2, AVX, AVX2, FMA, BMI and what else {@link Feature} names. EVEX, XOP,
 * 3DNow, MPX, TSX, VMX and SVM are not in it, so they are undefined. Read once, from the text files beside this class.
 *
 * <p>A line is {@code opcode mnemonic operands attributes…}; {@code #} starts a comment, {@code ! feature} gives the lines after it a
 * feature where they name none. Of the lines with the same opcode the first that matches is taken.
 *
 * <p><b>Opcode</b>: {@code [v.][prefix.][map.]byte[/…]}. {@code v} is a VEX encoding. The prefix is {@code np} (none of 66, F3, F2),
 * {@code 66}, {@code f3} or {@code f2}; without one, the prefixes have their usual meaning. {@code mm} stands for two lines, an MMX form
 * with {@code np} and an SSE form with {@code 66}, whose first two operands are {@code @} ({@code @=}: the first is not read,
 * {@code @X}: the second has 16 bytes also in the VEX form). The map is {@code 0f}, {@code 0f38} or {@code 0f3a}. After the byte, {@code +}
 * means that its low three bits are a register, {@code *} that its low four bits are a condition, for which {@code *} stands in the
 * mnemonic. Then come, in any order, {@code /m} (ModRM names memory) or {@code /r} (a register), {@code /w0}, {@code /w1},
 * {@code /l0}, {@code /l1} (REX.W or VEX.W, VEX.L), {@code /b0} (REX.B), and numbers: what ModRM.reg and then ModRM.rm must be.
 *
 * <p><b>Mnemonic</b>: Intel's, or three with {@code |} between for operand sizes of 2, 4 and 8 bytes.
 *
 * <p><b>Operands</b>: {@code -} for none, or kinds and sizes as in Intel's opcode map (SDM volume 2, appendix A.2), see
 * {@link OperandKind} and {@link OperandSize}, with {@code +} behind what is read and written and {@code =} behind what is only written,
 * {@code ~} behind what is neither.
 *
 * <p><b>Attributes</b>: a class ({@code stack string state flow sys ud}, else compute); flags read {@code r:}, written {@code w:}, written
 * but undefined {@code u:}, written not in each case {@code m:}, with {@code alu} for all six written and {@code logic} for all but AF,
 * which is undefined; {@code i:} registers that no operand names; {@code o64}, {@code i64}: only, not in 64-bit mode; {@code as:} what the
 * emitter makes of it; {@code ua}: a legacy SSE operand that need not be aligned, {@code al}: a VEX operand that must be;
 * {@code v…}: there is a VEX form too, with {@code 3} if it has a source more, then {@code i} if 32 bytes need AVX2, {@code s} if it
 * is scalar, {@code l} if it must have VEX.L = 0; {@code avxi}: 16 bytes need AVX, 32 AVX2; else a {@link Trait} or {@link Feature}.
 */
public final class InstructionTable {
    private static final List<String> FILES = List.of("general.tab", "system.tab", "x87.tab", "sse.tab", "avx.tab");
    private static final List<Form> FORMS = read();

    private InstructionTable() {}

    /** All forms, each at its {@link Form#id}. */
    public static List<Form> forms() {
        return FORMS;
    }

    private static List<Form> read() {
        List<Form> forms = new ArrayList<>(2048);
        for (String file : FILES) {
            String defaults = "";
            for (String line : text(file).split("\n", -1)) {
                if (line.startsWith("! ")) {
                    defaults = line.substring(2);
                } else if (!line.startsWith("#") && !line.isEmpty()) {
                    add(file, line, defaults, forms);
                }
            }
        }
        return List.copyOf(forms);
    }

    private static void add(String file, String line, String defaults, List<Form> forms) {
        try {
            TableLine.read(line, defaults, forms);
        } catch (RuntimeException e) {
            throw new IllegalStateException(file + ": " + line, e);
        }
    }

    private static String text(String file) {
        try (InputStream in = InstructionTable.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the instruction table " + file + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
