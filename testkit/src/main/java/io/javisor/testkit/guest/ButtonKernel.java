package io.javisor.testkit.guest;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A kernel of a few instructions that shuts itself down by its power button, but does to the first press what Linux does to one that comes before
 * its driver: it clears the status before it enables the button, and the press is lost.
 */
public final class ButtonKernel {
    public static final int MEMORY_MIB = 4;

    private static final String CODE = """
        66 ba 00 06 ; mov dx,0x600
        66 ed       ; first: in ax,dx
        f6 c4 01    ; test ah,1 (PWRBTN_STS)
        74 f9       ; jz first
        66 b8 00 01 ; mov ax,0x100
        66 ef       ; out dx,ax (the status is cleared)
        66 ba 02 06 ; mov dx,0x602
        66 ef       ; out dx,ax (PWRBTN_EN)
        66 ba 00 06 ; mov dx,0x600
        66 ed       ; second: in ax,dx
        f6 c4 01    ; test ah,1
        74 f9       ; jz second
        66 ba 04 06 ; mov dx,0x604
        66 b8 00 34 ; mov ax,0x3400 (SLP_TYP 5, SLP_EN)
        66 ef       ; out dx,ax
        eb fe       ; jmp $
        """;

    private ButtonKernel() {}

    public static Path writeTo(Path directory) throws IOException {
        return KernelFile.write(directory, "button-kernel", KernelFile.code(CODE));
    }
}
