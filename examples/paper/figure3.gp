# Figure 3: loss over steps, mean and standard deviation. Set before: here (this folder), text_a, text_b, other_a, other_b (curves of the
# two targets in two readings), out.
width = 2000; height = 1500
load here.'/style.gp'
array names[3] = ['mmd-flow', 'mmd-flow-noise', 'ift']
array labels[3] = ['MMD flow', 'MMD flow + noise', 'IFT']
array files[4] = [text_a, text_b, other_a, other_b]
array titles[4] = ['(a) Gaussian, the text to the letter', '(b) mixture, the text to the letter', \
                   '(a) Gaussian, the reading that fits', '(b) mixture, the reading that fits']
# A deviation above the mean would reach below 0, which a logarithm doesn't show: the band ends at a tenth of the mean.
low(mean, deviation) = mean - deviation > mean / 10 ? mean - deviation : mean / 10
set logscale y
set format y '10^{%T}'
set xrange [0:6000]
set xtics 1000
set key top right Left reverse samplen 2 spacing 1.2
set style fill transparent solid 0.22 noborder
set multiplot layout 2, 2 margins 0.055, 0.985, 0.055, 0.965 spacing 0.06, 0.09
do for [p = 1:4] {
  set title titles[p] textcolor rgb '#202124'
  set xlabel p > 2 ? 'steps (an iteration of IFT counts as two)' : '' textcolor rgb '#3c4043'
  set ylabel p % 2 ? 'MMD^2 to the samples' : '' textcolor rgb '#3c4043'
  set yrange [p > 2 ? 1e-6 : 1e-9 : 5]
  plot for [k = 1:3] files[p] using 'step':(low(column(names[k].' train mean'), column(names[k].' train deviation'))) : \
         (column(names[k].' train mean') + column(names[k].' train deviation')) with filledcurves linecolor rgb color[k] notitle, \
       for [k = 1:3] files[p] using 'step':names[k].' train mean' with lines linewidth 2 linecolor rgb color[k] title labels[k]
}
unset multiplot
