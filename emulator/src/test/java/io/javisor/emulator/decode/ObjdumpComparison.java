package io.javisor.emulator.decode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compares what the decoder makes of each instruction in objdump's output with what objdump made of it: bytes, mnemonic, operands. */
final class ObjdumpComparison {
    /** What objdump writes of prefixes that change nothing, and what it writes of those that do is compared by the operands. */
    private static final Pattern IDLE_PREFIX = Pattern.compile(
            "^(?:(?:data16|data32|addr16|addr32|cs|ds|es|ss|fs|gs|rex(?:\\.[WRXB]+)?|bnd|notrack|xacquire"
                    + "|xrelease|repz|repnz|rep|lock) +)+");

    private static final Pattern SPACES = Pattern.compile(" +");
    private static final Pattern SYMBOL = Pattern.compile(" <[^>]*>");
    private static final Pattern TARGET = Pattern.compile("^(j\\w+|call|loop\\w*|xbegin) ([0-9a-f]+)$");
    private static final Pattern NO_INDEX = Pattern.compile("\\+[re]iz\\*\\d");
    private static final Pattern ONLY_NO_INDEX = Pattern.compile("\\[[re]iz\\*\\d(?:([+-])(0x[0-9a-f]+))?\\]");
    private static final Pattern BACKWARDS = Pattern.compile("([re]ip)\\+0x(ffffffff[0-9a-f]{8})");
    private static final Pattern SIZED_NAME = Pattern.compile(
            "^(push|pop|ret|retf|call|pushf|popf|pusha|popa|enter|leave|jmp|fldenv|fnstenv|frstor|fnsave|sgdt|sidt|lgdt|lidt|sysret|sysexit|iret)[wdq]\\b");

    private final int mode;
    private final Decoder decoder = new Decoder(Feature.all());
    private final Instruction instruction = new Instruction();
    private final ObjdumpExceptions exceptions;
    private final Map<String, List<String>> differences = new TreeMap<>();
    private int compared;
    private int undefined;
    private int excepted;

    ObjdumpComparison(int mode) {
        this.mode = mode;
        this.exceptions = new ObjdumpExceptions(mode);
    }

    /** Runs objdump with {@code arguments} and compares each line; {@code bytes} are the file's, or null to believe objdump's; ends after {@code atMost} lines. */
    void run(List<String> arguments, byte @Nullable [] bytes, int atMost) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("objdump", "-w", "-z", "--insn-width=16"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null && compared < atMost; line = lines.readLine()) {
                String[] parts = line.split("\t");
                if (parts.length >= 3) {
                    compare(parts, bytes);
                }
            }
        } finally {
            process.destroy();
            int _ = process.waitFor();
        }
    }

    int compared() {
        return compared;
    }

    int undefined() {
        return undefined;
    }

    int excepted() {
        return excepted;
    }

    Map<String, List<String>> differences() {
        return differences;
    }

    private void compare(String[] parts, byte @Nullable [] bytes) {
        long address = Long.parseUnsignedLong(parts[0].trim().replace(":", ""), 16);
        byte[] code = HexFormat.of().parseHex(parts[1].replace(" ", ""));
        int length = code.length;
        if (bytes != null) {
            int from = (int) address;
            code = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + 15));
            if (code.length < 15) {
                return; // objdump makes data of what the end cuts off
            }
        }
        String theirs = normal(parts[2], true);
        int result = decoder.decode(MemorySegment.ofArray(code), 0, code.length, mode, instruction);
        String ours = result == Decoder.OK
                ? normal(Disassembler.text(instruction, address), false)
                : result == Decoder.UNDEFINED ? "(bad)" : "(incomplete " + result + ")";
        if (bytes == null && result == Decoder.NEEDS_MORE && (parts[2].contains("(bad)") || parts[2].startsWith("."))) {
            return; // data among the code, of which objdump shows no more than the bytes that are no instruction
        }
        if (result == Decoder.UNDEFINED) {
            undefined++;
        }
        compared++;
        boolean sameLength = result != Decoder.OK || theirs.equals("(bad)") || instruction.length() == length;
        if (sameLength && (theirs.equals(ours) || (theirs.contains("(bad)") && ours.equals("(bad)")))) {
            return;
        }
        if (exceptions.covers(code, length, theirs, ours, parts[2])) {
            excepted++;
            return;
        }
        String key = theirs.split(" ", 2)[0] + " / " + ours.split(" ", 2)[0];
        List<String> list = differences.computeIfAbsent(key, k -> new ArrayList<>());
        list.add(HexFormat.of().formatHex(code, 0, Math.min(length, code.length)) + ": objdump " + length + " '"
                + theirs + "' (" + parts[2] + "), here " + (result == Decoder.OK ? instruction.length() : 0) + " '"
                + ours + "'");
    }

    private String normal(String text, boolean theirs) {
        String result = SPACES.matcher(SYMBOL.matcher(text).replaceAll(""))
                .replaceAll(" ")
                .trim();
        int comment = result.indexOf(" #");
        if (comment >= 0) {
            result = result.substring(0, comment);
        }
        boolean lock = result.contains("lock ");
        String repeat = repeat(result);
        result = IDLE_PREFIX.matcher(result).replaceFirst("");
        if (Pattern.compile("^(movs|stos|lods|ins|outs|cmps|scas) ")
                .matcher(result)
                .find()) {
            result = repeat + result;
        }
        if (lock) {
            result = "lock " + result;
        }
        result = SIZED_NAME.matcher(result).replaceFirst("$1").replaceFirst("\\(\\d+ only\\)", "");
        if (theirs) {
            result = result.replaceAll(",p[nt]$", "").replaceAll("^(j\\w+),p[nt] ", "$1 ");
            var target = TARGET.matcher(result);
            if (target.matches()) {
                result = target.group(1) + " 0x" + target.group(2);
            }
            result = NO_INDEX.matcher(result).replaceAll("");
            result = result.replaceAll("^(vmovs[sd]) ymm", "$1 xmm");
            result = ONLY_NO_INDEX
                    .matcher(result)
                    .replaceAll(m -> "ds:" + absolute(m.group(1), m.group(2)))
                    .replaceAll("([c-gs]s):ds:", "$1:");
            result = BACKWARDS
                    .matcher(result)
                    .replaceAll(m -> m.group(1) + "-0x" + Long.toHexString(-Long.parseUnsignedLong(m.group(2), 16)));
        }
        if (mode == 64) {
            result = result.replaceAll("\\b[cdes]s:", "");
        }
        return result;
    }

    private String absolute(String sign, String value) {
        if (value == null) {
            return "0x0";
        }
        long number = Long.decode(value) * (sign.equals("-") ? -1 : 1);
        return "0x" + Long.toHexString(mode == 64 ? number : number & 0xffff_ffffL);
    }

    private static String repeat(String text) {
        int rep = Math.max(text.lastIndexOf("rep "), text.lastIndexOf("repz "));
        int repnz = text.lastIndexOf("repnz ");
        return rep < 0 && repnz < 0 ? "" : rep > repnz ? "rep " : "repnz ";
    }

    static Path sharedLibrary(String name) {
        return Path.of("/lib/x86_64-linux-gnu", name);
    }
}
