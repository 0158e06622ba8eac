# Figures 4 and 5: trajectories. Set before: here (this folder), in, out, last (the last step), components (of the target, 1 or 3).
width = 2100; height = 670
load here.'/style.gp'
array names[3] = ['mmd-flow', 'mmd-flow-noise', 'ift']
array labels[3] = ['MMD flow', 'MMD flow + noise', 'IFT']
# the target's means and the Cholesky factors of its covariances: curves of 1 and 2 standard deviations
array means[6] = [0, 0, 3, -1, 1, 4]
array factors[9] = [1, 0.5, sqrt(1.75), 1, 0, 1, sqrt(3), 0.5 / sqrt(3), sqrt(1 - 0.25 / 3)]
x1(c, r, angle) = means[2 * c + 1] + r * factors[3 * c + 1] * cos(angle)
x2(c, r, angle) = means[2 * c + 2] + r * (factors[3 * c + 2] * cos(angle) + factors[3 * c + 3] * sin(angle))
# rows of one algorithm, a blank line between particles; and those of one step
ways(k) = "< awk -F, '$1 == \"".names[k]."\" { if ($2 != before) print \"\"; before = $2; print }' ".in
ends(k, step, test) = "< awk -F, '$1 == \"".names[k]."\" && $3 == ".step." && $6 ".test." { any = 1; print } END { if (!any) print \"x,0,0,1e9,1e9,0\" }' ".in

set multiplot layout 1, 3 margins 0.03, 0.915, 0.07, 0.93 spacing 0.035, 0
set xrange [-4:12]
set yrange [-4:12]
set size ratio -1
set xtics 2
set ytics 2
set samples 100
set key top left Left reverse samplen 1 spacing 1.2
set palette defined (0 '#cfe0f1', 0.35 '#7fb0dc', 0.7 '#2171b5', 1 '#08306b')
do for [k = 1:3] {
  if (k < 3) { set cbrange [0:0.02]; unset colorbox }
  else {
    stats ends(k, last, '> 0') using 6 nooutput
    set cbrange [0:STATS_max]
    set colorbox user origin 0.93, 0.07 size 0.011, 0.86
    set cblabel 'weight under IFT' offset 1, 0 textcolor rgb '#3c4043'
    set format cb '%.2g'
  }
  set title labels[k] textcolor rgb '#202124'
  plot for [c = 0:components - 1] for [r = 1:2] '+' using (x1(c, r, 2 * pi * ($0 / 99))):(x2(c, r, 2 * pi * ($0 / 99))) \
         with lines linewidth 0.9 linecolor rgb green notitle, \
       ways(k) using 4:5:6 with lines linewidth 1 linecolor palette notitle, \
       ends(k, 0, '>= 0') using 4:5 with points pointtype 7 pointsize 0.8 linecolor rgb red title 'step 0', \
       ends(k, last, '> 0') using 4:5:6 with points pointtype 7 pointsize 1.6 linecolor palette notitle, \
       NaN with points pointtype 7 pointsize 1.6 linecolor rgb '#2171b5' title sprintf('step %d', last), \
       ends(k, last, '== 0') using 4:5 with points pointtype 6 pointsize 1.6 linewidth 1 linecolor rgb '#5f6368' notitle, \
       NaN with points pointtype 6 pointsize 1.6 linewidth 1 linecolor rgb '#5f6368' title 'weight 0'
}
unset multiplot
