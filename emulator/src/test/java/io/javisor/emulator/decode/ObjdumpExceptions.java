package io.javisor.emulator.decode;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.regex.Pattern;

/** Where objdump (binutils 2.40) and the manual differ, or objdump knows what is not offered here: the manual decides. */
final class ObjdumpExceptions {
    /** What CPUID never offers here, by name: mask registers of AVX-512, TSX, CET, protection keys, VMX, SVM, SGX, 3DNow, XOP, FMA4, PadLock … */
    private static final Pattern NOT_OFFERED = Pattern.compile("^(k[a-z]+[bwdq]"
        + " |kunpck|xabort|xbegin|xend|xtest|rdpkru|wrpkru|vm[a-z]+|getsec|frstpm|xsaves|xrstors|xsavec"
        + "|wru?ss[dq]|(set|clr)ssbsy|rstorssp|saveprevssp|incssp|cmp\\w+xadd|femms|pf\\w+|pi2f[dw]|pswapd|pmulhrw"
        + "|pavgusb|xcrypt|xsha|xstore|montmul|skinit|clgi|stgi|invlpga|mwaitx?|monitorx?|pconfig|encl|enclu|encls|enclv"
        + "|v?gf2p8|\\{vex\\}|vpdp|vpmadd52|rdpid|rdpru|mcommit|clzero|invept|invvpid|movdir|ptwrite|serialize"
        + "|extrq|insertq|movnts[sd]|tpause|umwait|umonitor|vpcom|vpermil2|vphadd|vphsub|vprot|vpsha|vpshl|vpcmov|vpma[cd]|vfrcz|vpperm|vfn?m(add|sub)\\w*"
        + " |vfmaddsub|vfmsubadd|bextr|tz|bl[cs]|t1|llwpcb|slwpcb|lwp"
        + "|hreset|seam|td|ui|clui|stui|testui|sen[d]uipi|xsusldtrk|xresldtrk|rmp\\w+|psmash|pvalidate|aesenc|aesdec"
        + "|encodekey|loadiwkey|enqcmd|wbnoinvd|ldtilecfg|sttilecfg|tile|vmgexit|vsm|vsha|rdmsrlist|wrmsrlist|wrmsrns"
        + "|cldemote|vcvtne|aadd|aand|aor|axor|invlpgb|tlbsync|vbcstne|vpclmul|vaes|sysenter|loadall).*");

    /** objdump makes a line of prefixes that another follows which cancels them. */
    private static final Pattern ONLY_PREFIXES =
            Pattern.compile("^((data16|data32|addr16|addr32|cs|ds|es|ss|fs|gs|lock|repz|repnz|rex(\\.[WRXB]+)?) ?)+$");

    /** CS can't be loaded by MOV; of the control registers there are five, and test registers went with the 486. */
    private static final Pattern NO_SUCH_REGISTER =
            Pattern.compile("mov (cs,.*|.*\\b(cr([15-79]|1\\d)|tr\\d|[cd]b?r\\d+)\\b.*)");

    /** 66 and REX.W before NOP change nothing; F3 with REX.B exchanges registers, as without F3. */
    private static final Pattern NOP = Pattern.compile("xchg (ax,ax|eax,eax|rax,rax)|pause");

    /** objdump wants ModRM.rm to be 0 for fences and no idle prefix for BSR and the like; it takes 0F 0D with a register for bad. */
    private static final Pattern LOOSE = Pattern.compile("[lms]fence|bs[fr] .*|nop .*|wbinvd|vmmcall|swapgs");

    /** Where the manual says NP, another prefix is #UD; objdump overlooks it with these. FSGSBASE and SWAPGS are for 64-bit mode only. */
    private static final Pattern NO_PREFIX = Pattern.compile(
            "^(pmovmskb|fxsave|fxrstor|ldmxcsr|stmxcsr|[lms]fence|xsave|xrstor|maskmovq|pextrw|movnti|movmskp|(rd|wr)[fg]sbase|swapgs|stac|clac|x[gs]etbv).*");

    /** The same instruction in other words: a size that is written or not, a register whose upper half is zero. */
    private static final Pattern WORDING =
            Pattern.compile("^v?(invpcid|lddqu|pcmpestr|pmovmskb|movsxd|wbnoinvd|vmgexit).*");

    /** Reserved NOPs that newer instructions are made of (SDM volume 2, appendix A, 0F 18 to 0F 1F). */
    private static final Pattern HINTS = Pattern.compile("^(bnd\\w+|cldemote|rdssp[dq]|prefetchit[01]|nop) .*");

    /** With REX.W a far pointer has 64 bits of offset on Intel's processors, not on AMD's. */
    private static final Pattern FAR_64 = Pattern.compile("^(call|jmp|l[sfg]s) .*TBYTE PTR.*");

    private final int mode;
    private final Decoder decoder = new Decoder(Feature.all());
    private final Instruction again = new Instruction();

    ObjdumpExceptions(int mode) {
        this.mode = mode;
    }

    boolean covers(byte[] code, int length, String theirs, String ours, String raw) {
        boolean undefinedHere = ours.equals("(bad)");
        return ONLY_PREFIXES.matcher(raw.trim()).matches()
                || (undefinedHere && (theirs.startsWith("ud") || theirs.contains("?")))
                || (undefinedHere && NOT_OFFERED.matcher(theirs).matches())
                || (undefinedHere && (opcode(code) == 0x62 || isVexAfterPrefix(code)))
                || (opcode(code) == 0x9b && ours.equals("fwait"))
                || (undefinedHere && NO_PREFIX.matcher(theirs).matches())
                || (WORDING.matcher(theirs).matches() && plain(theirs).equals(plain(ours)))
                || (opcode(code) == 0x90 && NOP.matcher(theirs).matches())
                || (undefinedHere && NO_SUCH_REGISTER.matcher(theirs).matches())
                || (undefinedHere
                        && (theirs.startsWith("vzero")
                                || theirs.startsWith("vstmxcsr")
                                || theirs.startsWith("vldmxcsr")))
                || (!undefinedHere
                        && theirs.contains("(bad)")
                        && LOOSE.matcher(ours).matches())
                || (theirs.startsWith(ours.substring(0, ours.lastIndexOf(' ') + 1)) && sameIn16Bits(theirs, ours))
                || (raw.contains("notrack") && theirs.equals(ours.replaceFirst("[defgs]s:", "")))
                || (ours.startsWith("nop ") && HINTS.matcher(theirs).matches())
                || (FAR_64.matcher(ours).matches() && ours.equals(theirs.replaceAll("[DF]WORD", "TBYTE")))
                || (undefinedHere
                        && ((theirs.startsWith("lock ") && allowedWithoutLock(code, length))
                                || (opcode(code) == 0x9b && isPrefix(code[0] & 0xff))));
    }

    private static String plain(String text) {
        return text.replaceAll("[XY]MMWORD PTR ", "")
                .replaceFirst("^(v?pcmpestr[im])q ", "$1 ")
                .replaceFirst("^(v?pmovmskb) (r\\d+)d,", "$1 $2,")
                .replaceFirst("^(v?pmovmskb) e", "$1 r")
                .replaceFirst("^(movsxd \\w+),.*", "$1")
                .replace("wbnoinvd", "wbinvd")
                .replace("vmgexit", "vmmcall");
    }

    /** An operand size of 16 bits makes the target 16 bits too (SDM volume 2, Jcc); objdump shows 32, and adds 64 KiB now and then. */
    private static boolean sameIn16Bits(String theirs, String ours) {
        var target = Pattern.compile("^\\w+ 0x([0-9a-f]+)$");
        var one = target.matcher(theirs);
        var other = target.matcher(ours);
        return one.matches()
                && other.matches()
                && other.group(1).length() <= 4
                && ((Long.parseUnsignedLong(one.group(1), 16) ^ Long.parseLong(other.group(1), 16)) & 0xffff) == 0;
    }

    /** The first byte that is no prefix. */
    private int opcode(byte[] code) {
        int at = 0;
        while (at < code.length - 1 && isPrefix(code[at] & 0xff)) {
            at++;
        }
        return code[at] & 0xff;
    }

    /** 66, F2, F3, LOCK or REX before VEX is #UD (SDM volume 2, §2.3.2 and §2.3.3). */
    private boolean isVexAfterPrefix(byte[] code) {
        return isPrefix(code[0] & 0xff) && (opcode(code) == 0xc4 || opcode(code) == 0xc5);
    }

    private boolean isPrefix(int value) {
        return switch (value) {
            case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
            default -> mode == 64 && (value & 0xf0) == 0x40;
        };
    }

    /** LOCK before what may not be locked is #UD (SDM volume 2, LOCK); objdump writes it all the same. */
    private boolean allowedWithoutLock(byte[] code, int length) {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        boolean prefixes = true;
        for (byte value : code) {
            prefixes &= isPrefix(value & 0xff);
            if (!prefixes || value != (byte) 0xf0) {
                rest.write(value);
            }
        }
        byte[] bare = rest.toByteArray();
        int result = decoder.decode(MemorySegment.ofArray(bare), 0, bare.length, mode, again);
        return (result == Decoder.OK && again.length() + code.length - bare.length >= length)
                || result == Decoder.UNDEFINED;
    }
}
